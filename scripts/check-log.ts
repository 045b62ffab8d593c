import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parseJson } from '@samen/strict-json'
import {
  type FetchTile,
  LogError,
  type LogErrorCode,
  type LogRecord,
  readLogRecord,
  readVerifierKey,
  verifyLogGrowth,
  verifyLogRecord,
} from '@samen/transparency-log'

const USAGE = `npm run check-log -- <record.json> [--checkpoint <file>] [--log <address or folder>] [--key <verifier key>]

  record.json    the record of a family, as the registry's page "everything about my child" gives it
  --checkpoint   a head of the log that you kept at another time; the log of today must begin with it too
  --log          where to read the log, when not at the address in the record: an address, or a folder with a copy
  --key          the key of the log, when you have it from elsewhere than the record`

const MAX_RECORD_BYTES = 67_108_864
const MAX_RESPONSE_BYTES = 65_536
const TIMEOUT_MILLISECONDS = 10_000

/** What to say, and to do, about each kind of fault. The exit code tells the kinds apart for programs. */
type Advice = { exit: number; title: string; next: string }

const USAGE_FAULT: Advice = { exit: 2, title: 'NOT CHECKED', next: USAGE }
const UNREADABLE: Advice = {
  exit: 2,
  title: 'NOT CHECKED: a file cannot be read as what it should be',
  next: 'Fetch the record again and check that one. Keep the file as it is: it may matter later.',
}
const BAD_SIGNATURE: Advice = {
  exit: 3,
  title: 'BAD SIGNATURE: a head of the log is not signed by the key of the log',
  next:
    'Nothing that was shown can be relied on. Compare the key with the one that the registry publishes in the federation ' +
    '(log_verifier_key), and check again with --key. When the key is right, tell the school and the operator of the federation.',
}
const TAMPERED: Advice = {
  exit: 4,
  title: 'TAMPERED ENTRY: the log holds something else than this record says',
  next:
    'Somebody changed the event after it was logged, in this file or at the registry. Fetch the record again: when the entry is ' +
    'still wrong, the registry tells you another story than it logged. Show both files to the school and the supervisory authority.',
}
const FORKED: Advice = {
  exit: 5,
  title: 'FORKED LOG: the log of today does not continue the log that was signed before',
  next:
    'The registry has signed two pasts that exclude each other, and the two signed heads prove it. Keep this record and the head ' +
    'printed above, and give both to the operator of the federation and the supervisory authority.',
}
const NOT_LOGGED: Advice = {
  exit: 6,
  title: 'NOT LOGGED: the record names an entry that its signed head does not cover',
  next: 'Fetch the record again in a minute. When the entry is still not covered, ask the registry why it is not logged.',
}
const DAMAGED: Advice = {
  exit: 7,
  title: 'DAMAGED LOG: what the log serves does not add up to what it signed',
  next:
    'The copy that was read is incomplete or was changed on the way; that proves nothing about your record yet. Try again, or read ' +
    'the log elsewhere with --log. When it stays so, tell the registry and the operator of the federation.',
}
const UNREACHABLE: Advice = {
  exit: 8,
  title: 'NOT CHECKED: the log cannot be read',
  next: 'Try again later, or read a copy of the log with --log. A log that stays away is a reason to ask the registry.',
}

const ADVICE: Record<LogErrorCode, Advice> = {
  malformed_record: UNREADABLE,
  malformed_key: UNREADABLE,
  malformed_note: BAD_SIGNATURE,
  malformed_checkpoint: BAD_SIGNATURE,
  unknown_signer: BAD_SIGNATURE,
  bad_signature: BAD_SIGNATURE,
  foreign_log: BAD_SIGNATURE,
  tampered_entry: TAMPERED,
  malformed_leaf: TAMPERED,
  forked_log: FORKED,
  shortened_log: FORKED,
  not_yet_logged: NOT_LOGGED,
  damaged_tiles: DAMAGED,
  missing_tile: DAMAGED,
  malformed_tile: DAMAGED,
  invalid_proof: DAMAGED,
}

/** A fault that is not the log's: of the command line, of a file, of the network. */
class CheckFault extends Error {
  readonly advice: Advice

  constructor(advice: Advice, message: string, cause?: unknown) {
    super(message, { cause })
    this.advice = advice
  }
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  try {
    await checkLog(readArguments(args))
    return 0
  } catch (error) {
    if (error instanceof LogError) return explain(ADVICE[error.code], describe(error))
    if (error instanceof CheckFault) return explain(error.advice, error.message)
    throw error
  }
}

type Arguments = { record: string; checkpoint: string | undefined; log: string | undefined; key: string | undefined }

function readArguments(args: string[]): Arguments {
  const text = { type: 'string' } as const
  try {
    const options = { checkpoint: text, log: text, key: text }
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    const [record, ...others] = positionals
    if (record === undefined || others.length > 0) throw new Error('one record file is needed')
    return { record, checkpoint: values.checkpoint, log: values.log, key: values.key }
  } catch (cause) {
    throw new CheckFault(USAGE_FAULT, (cause as Error).message, cause)
  }
}

async function checkLog(args: Arguments): Promise<void> {
  const record = readRecord(args.record)
  const key = args.key ?? record.log.verifier_key
  const source = args.log ?? record.log.url
  say(`Record      ${args.record}: ${record.events.length} logged events`)
  say(`Log         ${source}`)
  say(`Key         ${keyName(key)}${args.key === undefined ? ', as the record names it' : ', as you gave it'}`)
  const read = openSource(source)
  const head = await readHead(read)
  say(`Head now    ${firstLines(head)}`)
  say(`Head then   ${firstLines(record.log.checkpoint)}`)
  const { earlier, current, events, tiles } = await verifyLogRecord(record, read, head, key)
  say(`ok  both heads are signed by the key of the log`)
  say(
    `ok  the first ${earlier.size} of now ${current.size} entries are unchanged since the record was made (${tiles} tiles read)`,
  )
  if (args.checkpoint !== undefined) await checkOlder(args.checkpoint, read, head, key)
  for (const { index, event } of record.events) say(`ok  entry ${index}: ${typeOf(event)}`)
  say(`All ${events} events of this record stand in the log as the record tells them.`)
  say(`What is not an event (names of apps, texts of purposes) is not in the log and was not checked.`)
  const compare = args.key === undefined ? ' Compare the key above once with the one the federation publishes.' : ''
  say(`Next: keep this record; a later check with it shows whether the log was ever rewritten.${compare}`)
}

async function checkOlder(file: string, read: FetchTile, head: string, key: string): Promise<void> {
  const older = readText(file)
  say(`Head kept   ${firstLines(older)}`)
  const { earlier } = await verifyLogGrowth(older, read, head, key)
  say(`ok  the log also continues the head that you kept (${earlier.size} entries)`)
}

function readRecord(file: string): LogRecord {
  const text = readText(file)
  try {
    return readLogRecord(parseJson(text, { maxBytes: MAX_RECORD_BYTES }))
  } catch (cause) {
    throw new CheckFault(UNREADABLE, `${file} is not a record with its log entries`, cause)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CheckFault(UNREADABLE, `${file} cannot be read`, cause)
  }
}

function keyName(key: string): string {
  const { name, id } = readVerifierKey(key)
  return `${name}+${id}`
}

/** TLOG#checkpoints. */
async function readHead(read: FetchTile): Promise<string> {
  const bytes = await read('checkpoint')
  if (bytes === undefined) throw new CheckFault(UNREACHABLE, 'there is no signed head at this address')
  return bytes.toString('utf8')
}

/** A log at an address, or a copy of it in a folder with the same paths. */
function openSource(source: string): FetchTile {
  if (/^https?:/.test(source)) return (path) => download(`${source.replace(/\/$/, '')}/${path}`)
  const folder = source.startsWith('file:') ? fileURLToPath(source) : source
  if (!existsSync(folder)) throw new CheckFault(UNREACHABLE, `there is no log at ${source}`)
  return async (path) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : undefined)
}

async function download(url: string): Promise<Buffer | undefined> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) })
    if (response.status === 404) return undefined
    if (!response.ok) throw new Error(`status ${response.status}`)
    return await readBounded(response)
  } catch (cause) {
    throw new CheckFault(UNREACHABLE, `${url} cannot be read: ${(cause as Error).message}`, cause)
  }
}

async function readBounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MAX_RESPONSE_BYTES) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Origin, size and root of a head that nobody has verified yet. */
function firstLines(checkpoint: string): string {
  const [origin = '', size = '', root = ''] = checkpoint.split('\n', 3).map((line) => line.slice(0, 200))
  return `${origin}, ${size} entries, root ${root}`
}

function typeOf(event: LogRecord['events'][number]['event']): string {
  return typeof event['type'] === 'string' ? event['type'] : 'event'
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
