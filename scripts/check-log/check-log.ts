// `npm run check-log`: checks the record of a family with nothing but the file itself.
import { parseArgs } from 'node:util'
import {
  type Checkpoint,
  compareWithLog,
  LogError,
  readVerifierKey,
  verifyEarlierHead,
  verifyLogGrowth,
  verifyLogRecord,
} from '@samen/transparency-log'
import { ADVICE, type Advice, CheckFault, USAGE_FAULT } from './advice.ts'
import type { FamilyRecord } from './family-record.ts'
import { readAuthority, readEarlierHead, readRecord } from './read-files.ts'
import { openLog, readHead } from './read-log.ts'
import { verifyAddresses } from './verify-addresses.ts'
import { verifyConsents } from './verify-consents.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  try {
    await checkRecord(readArguments(args))
    return 0
  } catch (error) {
    if (error instanceof LogError) return explain(ADVICE[error.code], describe(error))
    if (error instanceof CheckFault) return explain(error.advice, error.message)
    throw error
  }
}

type Option = 'earlier' | 'anchor' | 'key' | 'log'
type Arguments = { readonly record: string } & { readonly [name in Option]: string | undefined }

function readArguments(args: string[]): Arguments {
  const text = { type: 'string' } as const
  try {
    const options = { earlier: text, anchor: text, key: text, log: text }
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    const [record, ...others] = positionals
    if (record === undefined || others.length > 0) throw new Error('one record file is needed')
    const { earlier, anchor, key, log } = values
    return { record, earlier, anchor, key, log }
  } catch (cause) {
    throw new CheckFault(USAGE_FAULT, (cause as Error).message, cause)
  }
}

async function checkRecord(args: Arguments): Promise<void> {
  const record = readRecord(args.record)
  const key = args.key ?? record.log.verifier_key
  const authority = args.anchor === undefined ? undefined : readAuthority(args.anchor)
  say(
    `Record  ${args.record}: ${count(record.consents.length, 'request')}, ${count(record.events.length, 'log entry', 'log entries')}`,
  )
  say(`Key     ${keyName(key)}${args.key === undefined ? ', as the record names it' : ', as you gave it'}`)
  const head = verifyLogRecord(record, key)
  say(`Head    ${head.origin}: ${head.size} entries, root ${head.root.toString('base64')}`)
  for (const { index, event } of record.events) say(`ok  inclusion    entry ${index} is in that log: ${tell(event)}`)
  if (args.earlier !== undefined) await checkEarlier(record, args.earlier, key, args.log)
  if (args.log !== undefined) await checkLive(record, args.log, key)
  verifyAddresses(record, head)
  verifyConsents(record, { now: new Date(), authority })
  const decided = record.consents.flatMap(({ decisions }) => decisions).length
  const vouched = authority === undefined ? '' : ' of the school'
  say(`ok  decisions    all ${decided} were signed, word and text, with the key of a credential${vouched}`)
  say(`ok  states       what the record shows of each request follows from its entries`)
  conclude(args, record)
}

/** RFC6962#section-2.1.2, from the proof in the record; with the log at hand that is asked, which has a proof from every head. */
async function checkEarlier(record: FamilyRecord, file: string, key: string, log: string | undefined): Promise<void> {
  const kept = readEarlierHead(file)
  const read = log === undefined ? undefined : openLog(log)
  const earlier: Checkpoint =
    read === undefined
      ? verifyEarlierHead(record, kept, key)
      : (await verifyLogGrowth(kept, read, await readHead(read), key)).earlier
  say(`ok  consistency  that log begins with the ${earlier.size} entries of the head that you kept`)
}

async function checkLive(record: FamilyRecord, source: string, key: string): Promise<void> {
  const read = openLog(source)
  const { current, tiles } = await compareWithLog(record, read, await readHead(read), key)
  say(`ok  live log     ${source} holds the same and has now ${current.size} entries (${tiles} tiles read)`)
}

function conclude({ key, anchor, earlier }: Arguments, { events, log }: FamilyRecord): void {
  say(`All ${events.length} entries of this record stand in the log, and what it shows follows from them.`)
  say(
    'Not checked: names of apps, schools and facts; which child a credential showed, and to whom its wallet believed to',
  )
  say('answer; until when a question was open, and when the app was told; what was left out.')
  const advice = [
    key === undefined && 'Compare the key above once with the one that the federation publishes (log_verifier_key).',
    anchor === undefined && 'With --anchor it is also checked that the school gave the keys with which was decided.',
    earlier === undefined && 'Keep this file: with --earlier a later record shows that nothing of it was rewritten.',
  ].filter((line) => line !== false)
  for (const line of advice) say(`Next: ${line}`)
  say(`Next: the log itself is at ${log.url}; --log compares with it.`)
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

function keyName(key: string): string {
  const { name, id } = readVerifierKey(key)
  return `${name}+${id}`
}

function tell(event: FamilyRecord['events'][number]['event']): string {
  const { type, decision, state } = event
  return [type, decision, state && `→ ${state}`].filter((word) => typeof word === 'string').join(' ')
}

function describe(error: LogError): string {
  return `${error.message}${error.index === undefined ? '' : ` (entry ${error.index})`}`
}

function explain({ exit, title, next }: Advice, detail: string): number {
  process.stderr.write(`\n${title}\n${printable(detail)}.\n\n${next}\n`)
  return exit
}

function say(line: string): void {
  process.stdout.write(`${printable(line)}\n`)
}

/** What is printed comes partly from files that nobody has checked: it must not be able to write over the verdict. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}
