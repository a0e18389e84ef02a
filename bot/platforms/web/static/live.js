// The open line: pushes arrive here, a lost line is taken up again, and a page that missed something is told so.
const FIRST = 250;
const LAST = 8000;
const PING = 20000;
const PONG = 8000;

export class Live {
  /** `hears(value)` gets every push, `stale()` is called when something was missed, `line(open)` when it opens or breaks. */
  constructor({ hears, stale, line }) {
    Object.assign(this, { hears, stale, line, user: "", at: "", wait: FIRST, socket: null, timers: [] });
    addEventListener("online", () => this.again(0));
    document.addEventListener("visibilitychange", () => { if (!document.hidden && !this.open) this.again(0); });
  }

  get open() { return this.socket?.readyState === WebSocket.OPEN; }

  listen(user, at) {
    this.close();
    Object.assign(this, { user, at, wait: FIRST });
    this.connect();
  }

  close() {
    this.timers.forEach(clearTimeout);
    this.timers = [];
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  connect() {
    const query = new URLSearchParams({ user: this.user, since: this.at });
    const socket = new WebSocket(`ws://${location.host}/console/live?${query}`);
    this.socket = socket;
    socket.onmessage = (event) => { if (socket === this.socket) this.heard(JSON.parse(event.data)); };
    socket.onclose = () => { if (socket === this.socket) this.broken(); };
  }

  heard(value) {
    if (value.kind === "pong") return this.pongs();
    this.at = value.at;
    if (value.kind !== "hello") return this.hears(value);
    this.wait = FIRST;
    this.line(true);
    this.pongs();
    return value.stale ? this.stale() : undefined;
  }

  /** Waits a while, then asks whether the other side is still there: a sleeping laptop does not notice by itself. */
  pongs() {
    this.timers.forEach(clearTimeout);
    const ask = () => {
      if (!this.open) return;
      this.socket.send("ping");
      this.timers.push(setTimeout(() => { const socket = this.socket; socket?.close(); this.broken(); }, PONG));
    };
    this.timers = [setTimeout(ask, PING)];
  }

  broken() {
    this.socket = null;
    this.line(false);
    this.again(this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LAST);
  }

  again(delay) {
    if (!this.user || this.socket) return;
    this.timers.forEach(clearTimeout);
    this.timers = [setTimeout(() => { if (!this.socket) this.connect(); }, delay)];
  }
}
