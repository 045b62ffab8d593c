import type { Writable } from 'node:stream'

/** Writes the story to a terminal: one heading a step, then what was called, who sees what, and what was stored. */
export interface Printer {
  step(number: number, title: string): void
  /** One call over HTTP: method, URL as a reader can look it up, and what it answered. */
  call(method: string, url: string, status: number): void
  say(text: string): void
  /** What one party can see now; `who` is `The school sees`. */
  sees(who: string, text: string): void
  stored(where: string, text: string): void
  check(text: string): void
}

/** @param total how many steps the story has; @param colour whether the terminal draws colours */
export function createPrinter(out: Writable, total: number, colour: boolean): Printer {
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const line = (text = '') => out.write(`${text}\n`)
  const indented = (label: string, text: string) => {
    const [first = '', ...rest] = wrap(text, 84)
    line(`  ${label.padEnd(20)} ${first}`)
    for (const more of rest) line(`  ${' '.repeat(20)} ${more}`)
  }
  return {
    step: (number, title) => line(`\n${paint(1, `Step ${number} of ${total}`)}  ${paint(1, title)}`),
    call: (method, url, status) => line(paint(2, `    ${method.padEnd(4)} ${url} → ${status}`)),
    say: (text) => {
      for (const part of wrap(text, 104)) line(`  ${part}`)
    },
    sees: (who, text) => indented(who, text),
    stored: (where, text) => indented(`${where} stored`, text),
    check: (text) => indented(paint(32, '✓'), text),
  }
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of text.split(/\s+/)) {
    if (current && current.length + word.length + 1 > width) {
      lines.push(current)
      current = ''
    }
    current = current ? `${current} ${word}` : word
  }
  return [...lines, current]
}
