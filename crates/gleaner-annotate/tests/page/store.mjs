// A storage as localStorage has it, with room for a number of values.
export class Store {
  constructor(room = Infinity) {
    this.room = room;
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
    if (!this.values.has(key) && this.values.size >= this.room) throw new Error("QuotaExceededError");
    this.values.set(key, value);
  }
  removeItem(key) {
    this.values.delete(key);
  }
}
