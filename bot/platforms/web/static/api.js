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
  if (!response.ok) throw new Failed(response.status);
  return response.json();
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
