// The browser's storage, or a stand-in that forgets when the page is closed, where the browser offers none.

class Forgetful {
  constructor() {
    this.values = new Map();
  }
  get length() {
    return this.values.size;
  }
  key(at) {
    return [...this.values.keys()][at] ?? null;
  }
  getItem(key) {
    return this.values.get(key) ?? null;
  }
  setItem(key, value) {
    this.values.set(key, String(value));
  }
  removeItem(key) {
    this.values.delete(key);
  }
}

/** localStorage if it can be written, and whether it is. */
export function openStorage() {
  const probe = "gleaner-annotate/probe";
  try {
    localStorage.setItem(probe, probe);
    localStorage.removeItem(probe);
    return { storage: localStorage, lasting: true };
  } catch {
    return { storage: new Forgetful(), lasting: false };
  }
}

/** Named values of one project. What cannot be stored is forgotten: none of them is an answer. */
export class Values {
  constructor(storage, scope) {
    this.storage = storage;
    this.prefix = `gleaner-annotate/${scope}/value/`;
  }

  get(name) {
    return JSON.parse(this.storage.getItem(this.prefix + name));
  }

  set(name, value) {
    try {
      this.storage.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      this.storage.removeItem(this.prefix + name);
    }
  }

  remove(name) {
    this.storage.removeItem(this.prefix + name);
  }
}
