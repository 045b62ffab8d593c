import type { JsonObject, JsonValue } from '@samen/strict-json'
import { leafCommitment, SALT_BYTES } from './leaf-commitment.ts'
import { LogError } from './log-error.ts'
import { HASH_BYTES, leafHash } from './merkle-tree.ts'

/**
 * What a family keeps: where the log is, its head when the record was made, and for each event what finds its commitment again and
 * proves it under that head. `consistency` proves that the head of `from` entries, in an earlier record, is the beginning of this one.
 * `salt` is base64url of 16 bytes, hashes are base64url of 32. Other members are allowed and not looked at.
 */
export type LogRecord = {
  log: { url: string; verifier_key: string; checkpoint: string; consistency?: { from: number; proof: string[] } }
  events: LogRecordEntry[]
}

export type LogRecordEntry = { event: JsonObject; salt: string; index: number; proof: string[] }

/** More hashes than a proof over any number of entries has. */
const MOST_HASHES = 128

/** Reads a record. @throws LogError `malformed_record` */
export function readLogRecord(value: JsonValue): LogRecord {
  const log = memberOf(value, 'log')
  const texts = ['url', 'verifier_key', 'checkpoint'].map((name) => memberOf(log, name))
  const consistency = memberOf(log, 'consistency')
  const events = memberOf(value, 'events')
  const isRecord =
    texts.every((text) => typeof text === 'string') &&
    (consistency === undefined || isConsistency(consistency)) &&
    Array.isArray(events) &&
    events.every(isEntry)
  if (!isRecord) throw new LogError('malformed_record', 'this file is not a record with its log entries')
  return value as LogRecord
}

/** RFC6962#section-2.1. The hash under which an event stands in the log. */
export function entryHash({ event, salt }: Pick<LogRecordEntry, 'event' | 'salt'>): Buffer {
  return leafHash(leafCommitment(Buffer.from(salt, 'base64url'), event))
}

/** The hashes of a proof in a record that `readLogRecord` has read. */
export function decodeProof(proof: readonly string[]): Buffer[] {
  return proof.map((text) => Buffer.from(text, 'base64url'))
}

/** A proof as it stands in a record. */
export function encodeProof(proof: readonly Buffer[]): string[] {
  return proof.map((bytes) => bytes.toString('base64url'))
}

function isEntry(value: JsonValue): boolean {
  return (
    isObject(memberOf(value, 'event')) &&
    isBytes(memberOf(value, 'salt'), SALT_BYTES) &&
    isCount(memberOf(value, 'index')) &&
    isProof(memberOf(value, 'proof'))
  )
}

function isConsistency(value: JsonValue): boolean {
  return isCount(memberOf(value, 'from')) && isProof(memberOf(value, 'proof'))
}

function isProof(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.length <= MOST_HASHES && value.every((text) => isBytes(text, HASH_BYTES))
}

function isCount(value: JsonValue | undefined): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** One value, one spelling. */
function isBytes(text: JsonValue | undefined, length: number): boolean {
  if (typeof text !== 'string') return false
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length === length && bytes.toString('base64url') === text
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
