/**
 * What @peculiar/x509 asks of its surroundings: its container keeps notes about classes by the three functions below,
 * which the language does not have (yet). Here they are, for notes about whole classes, where nobody brought them before.
 */
type Notes = Map<unknown, unknown>
type NoteKeeper = {
  defineMetadata(key: unknown, value: unknown, target: object): void
  getOwnMetadata(key: unknown, target: object): unknown
  getMetadata(key: unknown, target: object): unknown
}

const notesOf = new WeakMap<object, Notes>()

const keeper: NoteKeeper = {
  defineMetadata(key, value, target) {
    const notes = notesOf.get(target) ?? new Map()
    notesOf.set(target, notes.set(key, value))
  },
  getOwnMetadata(key, target) {
    return notesOf.get(target)?.get(key)
  },
  /** A class inherits the notes about its parents. */
  getMetadata(key, target) {
    for (let holder: object | null = target; holder !== null; holder = Object.getPrototypeOf(holder)) {
      if (notesOf.get(holder)?.has(key)) return notesOf.get(holder)?.get(key)
    }
    return undefined
  },
}

for (const [name, value] of Object.entries(keeper)) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, writable: true, configurable: true })
}
