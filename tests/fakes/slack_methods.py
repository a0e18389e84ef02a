"""The Web API methods of the fake Slack, with the real error names."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.slack_store import APP, Json, Refuse, Store, View, decoded

Arguments = Mapping[str, Any]
SHOWN = ("id", "name", "size", "mimetype", "url_private")


class Methods:
    """One method of the API a Python method; `base` is the server's own address."""

    def __init__(self, store: Store, base: Callable[[], str], connect: Callable[[], str]) -> None:
        self.store, self.base, self.connect = store, base, connect
        self.table: Mapping[str, Callable[[Arguments], Json]] = {
            "auth.test": self.auth_test,
            "bots.info": self.bots_info,
            "users.info": self.users_info,
            "users.list": self.users_list,
            "chat.postMessage": self.post_message,
            "chat.postEphemeral": self.post_ephemeral,
            "chat.update": self.update,
            "chat.delete": self.delete,
            "conversations.open": self.open_conversation,
            "conversations.history": self.history,
            "views.open": self.views_open,
            "views.push": self.views_push,
            "views.update": self.views_update,
            "views.publish": self.publish,
            "files.getUploadURLExternal": self.upload_url,
            "files.completeUploadExternal": self.uploaded,
            "files.info": self.file_info,
            "apps.connections.open": lambda _: {"url": self.connect()},
        }

    def bots_info(self, given: Arguments) -> Json:
        """A bot."""
        return {"bot": {"id": given["bot"], "app_id": APP, "user_id": self.store.bot, "deleted": False}}

    def auth_test(self, _: Arguments) -> Json:
        """Who the token is."""
        return {
            "url": self.base(),
            "team": self.store.name,
            "user": "pandian",
            "team_id": self.store.team,
            "user_id": self.store.bot,
            "bot_id": self.store.bot_id,
            "is_enterprise_install": False,
        }

    def users_info(self, given: Arguments) -> Json:
        """An account; the locale only when asked for."""
        user = self.store.users.get(given["user"])
        if user is None:
            raise Refuse("user_not_found")
        hidden = {"locale"} if str(given.get("include_locale", "0")) not in ("1", "true") else set()
        return {"user": {key: value for key, value in user.items() if key not in hidden}}

    def users_list(self, given: Arguments) -> Json:
        """A page of all accounts; the locale only when asked for."""
        start, most = int(given.get("cursor") or 0), min(int(given.get("limit") or 100), 1000)
        page = list(self.store.users)[start : start + most]
        following = str(start + most) if start + most < len(self.store.users) else ""
        about = [self.users_info({**given, "user": user})["user"] for user in page]
        return {"members": about, "response_metadata": {"next_cursor": following}}

    def post_message(self, given: Arguments) -> Json:
        """A message into a channel, or to a user."""
        channel = self.store.place(given["channel"])
        if self.store.bot not in self.store.channels[channel]:
            raise Refuse("not_in_channel")
        posted = self.store.post(channel, self.store.content(given))
        about = {"ts": posted.ts, "bot_id": self.store.bot_id}
        return {"channel": channel, "ts": posted.ts, "message": posted.now | about}

    def post_ephemeral(self, given: Arguments) -> Json:
        """A message for one member of a channel."""
        channel = self.store.place(given["channel"])
        if self.store.bot not in self.store.channels[channel]:
            raise Refuse("not_in_channel")
        if given["user"] not in self.store.channels[channel]:
            raise Refuse("user_not_in_channel")
        return {"message_ts": self.store.post(channel, self.store.content(given), given["user"]).ts}

    def update(self, given: Arguments) -> Json:
        """Another content for a message."""
        if given["channel"] not in self.store.channels:
            raise Refuse("channel_not_found")
        posted = self.store.find(given["channel"], given["ts"])
        posted.past.append(posted.now)
        posted.now = self.store.content(given)
        return {"channel": posted.channel, "ts": posted.ts, "text": posted.now["text"]}

    def delete(self, given: Arguments) -> Json:
        """Takes a message away."""
        self.store.find(given["channel"], given["ts"]).gone = True
        return {"channel": given["channel"], "ts": given["ts"]}

    def open_conversation(self, given: Arguments) -> Json:
        """The direct conversation with a user."""
        if self.store.users.get(str(given["users"]), {}).get("deleted"):
            raise Refuse("user_disabled")
        return {"channel": {"id": self.store.place(str(given["users"]))}}

    def history(self, given: Arguments) -> Json:
        """The newest messages of a channel; metadata only when asked for."""
        channel = self.store.place(given["channel"])
        posts = [post for post in self.store.posts if (post.channel, post.user, post.gone) == (channel, "", False)]
        wanted = str(given.get("include_all_metadata", "0")) in ("1", "true")
        messages = [post.now | {"ts": post.ts} for post in reversed(posts)][: int(given.get("limit", 100))]
        kept = [message if wanted else {**message, "metadata": {}} for message in messages]
        return {"messages": kept, "has_more": False}

    def views_open(self, given: Arguments) -> Json:
        """A modal on the screen of who pressed, instead of what was open."""
        body = self.store.view_body(given["view"])
        user = self.store.use_trigger(given["trigger_id"])
        self.store.views.pop(user, None)
        return self._view(self.store.push(self.store.show(user, body)))

    def views_push(self, given: Arguments) -> Json:
        """A modal over the open one."""
        body = self.store.view_body(given["view"])
        user = self.store.use_trigger(given["trigger_id"], over=True)
        return self._view(self.store.push(self.store.show(user, body)))

    def views_update(self, given: Arguments) -> Json:
        """Another content for an open modal, named by its own id or by the app's."""
        if not given.get("view_id") and not given.get("external_id"):
            raise Refuse("invalid_arguments", "view_id or external_id")
        found = next((view for stack in self.store.views.values() for view in stack if _named(view, given)), None)
        if found is None:
            raise Refuse("not_found")
        if given.get("hash", found.hash) != found.hash:
            raise Refuse("hash_conflict")
        found.change(self.store.view_body(given["view"]))
        return self._view(found)

    def publish(self, given: Arguments) -> Json:
        """A user's home page."""
        if not self.store.home_tab:
            raise Refuse("not_enabled")
        if given["user_id"] not in self.store.users:
            raise Refuse("invalid_arguments", "invalid `user_id`")
        old = self.store.homes.get(given["user_id"])
        if old and given.get("hash", old.hash) != old.hash:
            raise Refuse("hash_conflict")
        view = self.store.show(given["user_id"], self.store.view_body(given["view"]))
        self.store.homes[view.user] = view
        return self._view(view)

    def upload_url(self, given: Arguments) -> Json:
        """Step one of an upload."""
        if int(given["length"]) <= 0:
            raise Refuse("invalid_arguments")
        if len(given.get("alt_txt", "")) > 1000:
            raise Refuse("alt_txt_too_large")
        file = f"F{next(self.store.count):04d}"
        about = {"id": file, "name": given["filename"], "size": int(given["length"]), "alt": given.get("alt_txt", "")}
        self.store.files[file] = about | {"content": b"", "done": False}
        return {"file_id": file, "upload_url": f"{self.base()}/upload/{file}"}

    def uploaded(self, given: Arguments) -> Json:
        """Step three of an upload."""
        files, channel = decoded(given["files"]), given.get("channel_id", "")
        if channel and self.store.bot not in self.store.channels.get(channel, ()):
            raise Refuse("not_in_channel" if channel in self.store.channels else "channel_not_found")
        for file in files:
            held = self.store.files.get(file["id"])
            if held is None or len(held["content"]) != held["size"]:
                raise Refuse("file_not_found")
            held |= {"done": True, "channel": channel}
        return {"files": files}

    def file_info(self, given: Arguments) -> Json:
        """A file."""
        held = self.store.files.get(given["file"])
        if held is None:
            raise Refuse("file_not_found")
        return {"file": {"mimetype": "image/png"} | {key: value for key, value in held.items() if key in SHOWN}}

    def _view(self, view: View) -> Json:
        lies = {"root_view_id": view.root, "previous_view_id": view.previous or None}
        return {"view": view.body | {"id": view.id, "hash": view.hash, "state": {"values": {}}} | lies}


def _named(view: View, given: Arguments) -> bool:
    if given.get("view_id"):
        return bool(view.id == given["view_id"])
    return bool(view.body.get("external_id") == given["external_id"])
