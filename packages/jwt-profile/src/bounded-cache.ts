/** A memory for at most `size` values that forgets the one unused for longest: a stranger cannot make it grow. */
export class BoundedCache<V> {
  readonly #size: number
  readonly #values = new Map<string, V>()

  constructor(size: number) {
    this.#size = size
  }

  /** The value under the key; made and kept when it is not there. What `make` throws is not kept. */
  get(key: string, make: () => V): V {
    const known = this.#values.get(key)
    const value = known ?? make()
    if (known !== undefined) this.#values.delete(key)
    else if (this.#values.size >= this.#size) this.#forgetOldest()
    this.#values.set(key, value)
    return value
  }

  #forgetOldest(): void {
    for (const key of this.#values.keys()) {
      this.#values.delete(key)
      return
    }
  }
}
