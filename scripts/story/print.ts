import type { Writable } from 'node:stream'

/** Writes the story to a terminal: one heading a step, then what was called, who sees what, and what was stored. */
export interface Printer {
  step(number: number, title: string): void
  /** One call over HTTP: `POST issuer/v1/schools → 201`. The same one again is counted, not repeated. */
  call(text: string): void
  /** One call of a wallet, below the one that caused it. */
  walletCall(text: string): void
  /** Does work of which the calls are counted, not shown, since an earlier work has shown the same ones. */
  fold<Result>(what: string, work: () => Promise<Result>): Promise<Result>
  say(text: string): void
  /** A line as it is. */
  line(text: string): void
  /** What one party can see now; `who` is `The school sees`. */
  sees(who: string, text: string): void
  /** Rows that came into, or went from, one party's database. */
  stored(where: string, text: string): void
  check(text: string): void
}

const LABEL = 18
const WIDTH = 98

/** @param total how many steps the story has; `colour`: whether the terminal draws colours; `isMuted`: whether to be silent from now on */
export function createPrinter(
  out: Writable,
  { total, colour, isMuted }: { readonly total: number; readonly colour: boolean; readonly isMuted: () => boolean },
): Printer {
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const calls = foldRepeats((text) => write(paint(2, text)))
  let folded: number | undefined
  const write = (text: string) => {
    if (!isMuted()) out.write(`${text}\n`)
  }
  const line = (text: string) => {
    calls.flush()
    write(text)
  }
  const labelled = (label: string, text: string, mark = label) => {
    const [first = '', ...rest] = wrap(text, WIDTH - LABEL - 3)
    line(`  ${mark}${' '.repeat(Math.max(0, LABEL - label.length))} ${first}`)
    for (const more of rest) line(`  ${' '.repeat(LABEL)} ${more}`)
  }
  const call = (text: string) => {
    if (folded === undefined) calls.add(text)
    else folded += 1
  }
  return {
    step: (number, title) => line(`\n${paint(1, `Step ${number} of ${total}  ${title}`)}`),
    call: (text) => call(`    ${text}`),
    walletCall: (text) => call(`      wallet → ${text}`),
    async fold(what, work) {
      folded = 0
      try {
        return await work()
      } finally {
        calls.flush()
        write(paint(2, `    … ${folded} calls: ${what}`))
        folded = undefined
      }
    },
    say: (text) => {
      for (const part of wrap(text, WIDTH - 2)) line(`  ${part}`)
    },
    line,
    sees: (who, text) => labelled(who, text),
    stored: (where, text) => labelled(`${where.replace('consent-', '')} rows`, text),
    check: (text) => labelled('✓', text, paint(32, '✓')),
  }
}

/** Gives on each text once, with how often it came in a row. */
function foldRepeats(give: (text: string) => void): { add(text: string): void; flush(): void } {
  let held: { text: string; count: number } | undefined
  const flush = () => {
    if (held) give(held.count === 1 ? held.text : `${held.text}, ${held.count} times`)
    held = undefined
  }
  const add = (text: string) => {
    if (held?.text !== text) flush()
    held = { text, count: (held?.count ?? 0) + 1 }
  }
  return { add, flush }
}

/** Breaks at blanks, and where there is none for a whole line. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  const long = new RegExp(`.{1,${width}}`, 'g')
  for (const word of text.split(' ').flatMap((word) => word.match(long) ?? [''])) {
    if (current && current.length + word.length + 1 > width) {
      lines.push(current)
      current = ''
    }
    current = current ? `${current} ${word}` : word
  }
  return [...lines, current]
}
