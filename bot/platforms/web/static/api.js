// The doors of the console, each with a key of its own per action.
export class Failed extends Error {
  constructor(status) { super(`status ${status}`); this.status = status; }
}

export function key() {
  return crypto.randomUUID();
}

async function answered(request) {
  let response;
  try { response = await request; } catch { throw new Failed(0); }
  const said = await response.json().catch(() => null);
  // 503 with an answer in it: the bot says itself why it could not store anything.
  if (said && (response.ok || (response.status === 503 && "toast" in said))) return said;
  throw new Failed(response.ok ? 0 : response.status);
}

export function get(name, params = {}) {
  return answered(fetch(`/console/api/${name}?${new URLSearchParams(params)}`, { cache: "no-store" }));
}

export function post(name, body) {
  const headers = { "Content-Type": "application/json" };
  return answered(fetch(`/console/api/${name}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

export function upload(user, file, params = {}) {
  const query = new URLSearchParams({ user, key: key(), name: file.name || "file", ...params });
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  return answered(fetch(`/console/api/files?${query}`, { method: "POST", headers, body: file }));
}
