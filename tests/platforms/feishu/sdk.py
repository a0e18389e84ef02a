"""The vendor's own SDK in a process of its own: a JSON line in is a request, a JSON line out its result.

Importing all of it takes ten seconds; what it generated for other products (`lark_oapi.api.*`) stays unread here, which
leaves its client, token cache, transport, dispatcher, AES, long connection, and all of im and contact as they are.
"""

import asyncio
import importlib.abc
import importlib.machinery
import io
import json
import sys
import threading
import types
from collections.abc import Callable, Sequence
from typing import Any

WHOLE = ("im", "contact")
Json = dict[str, Any]


class Empty(importlib.abc.Loader):
    """Packages whose `__init__` is not run; modules in them are found all the same."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """As usual."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


class Service(Empty):
    """A `service` module that has whatever class is asked of it."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Any name is a class that takes one argument."""
        module.__dict__["__getattr__"] = lambda name: type(name, (), {"__init__": lambda _self, _config: None})


class Lean(importlib.abc.MetaPathFinder):
    """Leaves out what belongs to other products."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The emptied packages of the API; None for all else."""
        parts = name.split(".")
        if parts[:2] != ["lark_oapi", "api"] or (len(parts) > 2 and parts[2] in WHOLE):
            return None
        if parts[-1] == "service":
            return importlib.machinery.ModuleSpec(name, Service())
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec and spec.submodule_search_locations is not None:
            spec.loader = Empty()
        return spec


sys.meta_path.insert(0, Lean())
import lark_oapi as lark  # noqa: E402
import lark_oapi.ws.client as ws  # noqa: E402
from lark_oapi.api.contact.v3 import GetUserRequest  # noqa: E402
from lark_oapi.api.im import v1 as im  # noqa: E402
from lark_oapi.event.callback.model.p2_card_action_trigger import P2CardActionTriggerResponse  # noqa: E402

heard: list[Json] = []


def client(at: Json) -> Any:
    """Their REST client."""
    builder = lark.Client.builder().app_id(at["app_id"]).app_secret(at["secret"]).domain(at["base"])
    return builder.timeout(5).log_level(lark.LogLevel.CRITICAL).build()


def result(answer: Any) -> Json:
    """Code, message and data of an answer."""
    return {"code": answer.code, "msg": answer.msg, "data": json.loads(lark.JSON.marshal(answer.data) or "null")}


def send(asked: Json) -> Json:
    """client.im.v1.message.create."""
    body = im.CreateMessageRequestBody.builder().receive_id(asked["to"]).msg_type(asked["kind"])
    body = body.content(asked["content"]).uuid(asked.get("uuid", "")).build()
    request = im.CreateMessageRequest.builder().receive_id_type(asked.get("type", "open_id")).request_body(body)
    return result(client(asked).im.v1.message.create(request.build()))


def reply(asked: Json) -> Json:
    """client.im.v1.message.reply."""
    body = im.ReplyMessageRequestBody.builder().msg_type("text").content(asked["content"]).build()
    request = im.ReplyMessageRequest.builder().message_id(asked["message"]).request_body(body).build()
    return result(client(asked).im.v1.message.reply(request))


def patch(asked: Json) -> Json:
    """client.im.v1.message.patch."""
    body = im.PatchMessageRequestBody.builder().content(asked["content"]).build()
    request = im.PatchMessageRequest.builder().message_id(asked["message"]).request_body(body).build()
    answer = client(asked).im.v1.message.patch(request)
    return {"code": answer.code, "msg": answer.msg}


def image(asked: Json) -> Json:
    """client.im.v1.image.create."""
    held = io.BytesIO(bytes.fromhex(asked["hex"]))
    body = im.CreateImageRequestBody.builder().image_type("message").image(held).build()
    return result(client(asked).im.v1.image.create(im.CreateImageRequest.builder().request_body(body).build()))


def user(asked: Json) -> Json:
    """client.contact.v3.user.get."""
    request = GetUserRequest.builder().user_id(asked["user"]).user_id_type("open_id").build()
    return result(client(asked).contact.v3.user.get(request))


def handler(asked: Json) -> Any:
    """Their dispatcher; it writes down what came, and answers presses with a toast."""

    def event(data: Any) -> None:
        heard.append(json.loads(lark.JSON.marshal(data)))

    def press(data: Any) -> P2CardActionTriggerResponse:
        event(data)
        return P2CardActionTriggerResponse({"toast": {"type": "info", "content": "understood"}})

    builder = lark.EventDispatcherHandler.builder(asked.get("key", ""), asked.get("token", ""))
    builder = builder.register_p2_im_message_receive_v1(event).register_p2_application_bot_menu_v6(event)
    builder = builder.register_p2_contact_user_updated_v3(event)
    builder = builder.register_p2_im_chat_access_event_bot_p2p_chat_entered_v1(event)
    return builder.register_p2_card_action_trigger(press).build()


def dispatch(asked: Json) -> Json:
    """EventDispatcherHandler.do with the bytes and headers of one delivery."""
    request = lark.RawRequest()
    request.uri, request.headers, request.body = "/feishu/events", asked["headers"], asked["body"].encode()
    answer = handler(asked).do(request)
    return {"status": answer.status_code, "content": answer.content.decode()}


def decrypt(asked: Json) -> Json:
    """lark_oapi's AESCipher."""
    return {"plain": lark.AESCipher(asked["key"]).decrypt_str(asked["data"])}


def listen(asked: Json) -> Json:
    """Their long connection, in a thread with a loop of its own."""

    def run() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        ws.loop = loop
        ws.Client(
            asked["app_id"],
            asked["secret"],
            event_handler=handler(asked),
            domain=asked["base"],
            log_level=lark.LogLevel.CRITICAL,
        ).start()

    threading.Thread(target=run, daemon=True).start()
    return {}


def handshake(asked: Json) -> Json:
    """One try to connect: the name and code of the exception."""
    loop = asyncio.new_event_loop()

    async def attempt() -> None:
        await ws.Client(asked["app_id"], asked["secret"], domain=asked["base"])._connect()

    try:
        loop.run_until_complete(attempt())
    except (ws.ClientException, ws.ServerException) as error:
        return {"error": type(error).__name__, "code": error.code}
    finally:
        loop.close()
    return {"error": ""}


def collect(_: Json) -> Json:
    """What the handlers were given since the last time."""
    held = list(heard)
    heard.clear()
    return {"heard": held}


WORK: tuple[Callable[[Json], Json], ...] = (
    send,
    reply,
    patch,
    image,
    user,
    dispatch,
    decrypt,
    listen,
    handshake,
    collect,
)


def main() -> None:
    """Answers line by line until the input ends."""
    table = {work.__name__: work for work in WORK}
    lark.logger.setLevel(100)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = table[asked["do"]](asked)
        except Exception as error:  # the test that asked says what it was
            answer = {"failed": repr(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
