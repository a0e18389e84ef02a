// The page: who is played, what they see, what they do.
import { $, avatar, el, recall, remember, setStrings, svg, t, translate } from "./dom.js";
import { get, key, post, upload } from "./api.js";
import { CHIPS, Composer } from "./composer.js";
import { openForm } from "./forms.js";
import { font } from "./font.js";
import { Live } from "./live.js";
import { Log } from "./log.js";
import { openPeople, place } from "./people.js";
import { toast } from "./toasts.js";

const FILE_MOST = 20 * 1024 * 1024;
const PATIENCE = 700;
const desk = { user: "", me: null, people: [], loading: 0, waiting: [], banner: 0 };
const log = new Log((message, action, value) => press(message, action, value));
const composer = new Composer({ say, give });
const live = new Live({ hears, stale: () => attempt(() => reload()), line });

/** Runs it; if that fails says so in words, and gives null. */
async function attempt(work) {
  try { return await work(); } catch (error) {
    if (error.status === undefined) throw error;
    log.idle();
    toast(t({ 0: "unreachable", 413: "too-large", 503: "unreachable" }[error.status] ?? "failed"));
    return null;
  }
}

/** What the bot answered at once. */
function handle(answer) {
  if (!answer) return;
  if (answer.toast || answer.sheet) log.idle();
  toast(answer.toast);
  if (answer.card) log.aside(answer.card);
  if (answer.sheet) open(answer.sheet);
  if (answer.locale && answer.locale !== desk.me.player.locale) attempt(retell);
}

/** The whole page again, in the language that was just chosen. */
async function retell() {
  await introduce(desk.user);
  await reload();
}

function open(sheet) {
  const { user } = desk;
  const send = async (answers) => {
    const body = { user, key: key(), action: sheet.action, subject: sheet.subject, version: sheet.version, answers };
    const answer = await attempt(() => post("submit", body));
    if (answer) setTimeout(() => handle(answer), 0);
    return answer;
  };
  const keep = (file) => attempt(() => upload(user, file, { hold: "true" }));
  openForm(sheet, send, { user, people: () => desk.people, upload: keep, rest: () => $("write").focus() });
}

async function say(text, mentions) {
  log.said(text);
  log.busy();
  const body = { user: desk.user, key: key(), text, mentions };
  handle(await attempt(() => post("say", body)));
}

async function press(message, { action, subject, version }, value) {
  const body = { user: desk.user, key: key(), action, subject, version, message, value };
  handle(await attempt(() => post("press", body)));
}

async function give(files) {
  for (const file of files.slice(0, 10)) {
    if (file.size > FILE_MOST) { toast(t("too-large")); continue; }
    log.said(t("sent-file", { name: file.name }));
    log.busy();
    handle(await attempt(() => upload(desk.user, file)));
  }
}

function hears(value) {
  if (desk.loading) { desk.waiting.push(value); return; }
  log.put(value.message, value.kind);
}

function line(on) {
  clearTimeout(desk.banner);
  if (!on) {
    desk.banner = setTimeout(() => { $("link").replaceChildren(el("i"), t("reconnecting")); }, PATIENCE);
    return;
  }
  if ($("link").textContent) toast(t("connected"));
  $("link").textContent = "";
}

/** Fetches the conversation again; what is pushed meanwhile comes after it. */
async function reload() {
  const { user } = desk;
  desk.loading += 1;
  try {
    const { messages, at } = await get("messages", { user });
    if (user === desk.user) log.show(user, messages, welcome());
    return at;
  } finally {
    desk.loading -= 1;
    if (!desk.loading) desk.waiting.splice(0).forEach((value) => log.put(value.message, value.kind));
  }
}

/** Everything about the person in the person's language. */
async function introduce(user) {
  const me = await get("me", { user });
  Object.assign(desk, { me, user });
  setStrings(me.strings);
  document.documentElement.lang = me.player.locale;
  translate();
  const { player } = me;
  const texts = el("span", { class: "texts" }, el("b", {}, player.name), el("span", {}, place(player)));
  $("person").replaceChildren(avatar(player.name, player.user), texts, svg("m7 10 5 5 5-5"));
  $("person").title = t("person", { name: player.name });
  $("language").replaceChildren(...me.languages.map(([value, label]) => el("option", { value, lang: value }, label)));
  $("language").value = player.locale;
  document.title = `${player.name} · Pandian 盘点`;
  composer.know(me.words, desk.people);
}

async function become(user) {
  live.close();
  $("newer").hidden = true;
  await introduce(user);
  remember("user", user);
  remember("user", user, true);
  history.replaceState(null, "", `?${new URLSearchParams({ user })}`);
  live.listen(user, await reload());
}

async function speak(tag) {
  const body = { user: desk.user, key: key(), text: `lang ${tag}`, mentions: {} };
  handle(await attempt(() => post("say", body)));
}

function welcome() {
  const { player } = desk.me;
  const go = ([name, text]) => el("button", { type: "button", onclick: () => say(text, {}) }, el("b", {}, t(`empty-${name}`)), el("code", {}, text));
  const logo = el("img", { src: "/console/static/logo.svg", alt: "", width: 56, height: 56 });
  const more = el("p", { class: "hint" }, t("empty-more"));
  return [logo, el("h2", {}, t("empty", { name: player.name })), el("p", {}, t("empty-hint")), el("div", { class: "tries" }, ...CHIPS.map(go)), more];
}

function theme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => document.documentElement.dataset.theme;
  const now = () => (kept() ? kept() === "dark" : dark.matches);
  const show = () => $("theme").setAttribute("aria-pressed", String(now()));
  dark.addEventListener("change", show);
  $("theme").addEventListener("click", () => {
    const next = now() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try { localStorage.setItem("theme", next); } catch { /* only the memory is lost */ }
    show();
  });
  show();
}

async function begin() {
  theme();
  $("language").addEventListener("change", (event) => speak(event.target.value));
  $("person").addEventListener("click", () => openPeople(desk.people, desk.user, (user) => attempt(() => become(user))));
  const { people } = await get("people");
  desk.people = people;
  const wanted = [new URLSearchParams(location.search).get("user"), recall("user", ""), recall("user", "", true)];
  const known = wanted.find((user) => people.some((one) => one.user === user));
  const first = known ?? (people.find((one) => one.featured) ?? people[0])?.user;
  if (first === undefined) { toast(t("nobody")); return; }
  await become(first);
}

/** The first connection may come before the bot is ready: ask again a while. */
async function start(tries = 20) {
  try { await begin(); } catch (error) {
    if (error.status === undefined || tries === 0) throw error;
    setTimeout(() => start(tries - 1), 1000);
  }
}

font().then(() => start());
