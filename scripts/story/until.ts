/**
 * Waits until `condition` holds, looking every 50 ms.
 *
 * @param what names the condition in the error
 * @throws Error when it does not hold within `seconds` (30 unless told)
 */
export async function until(what: string, condition: () => Promise<boolean>, seconds = 30): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (performance.now() < deadline) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited ${seconds} s in vain until ${what}`)
}
