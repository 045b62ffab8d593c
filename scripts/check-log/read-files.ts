import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type JsonValue, parseJson } from '@samen/strict-json'
import { type LogRecord, readLogRecord } from '@samen/transparency-log'
import { CheckFault, UNREADABLE } from './advice.ts'
import { type FamilyRecord, readFamilyRecord } from './family-record.ts'

const MAX_RECORD_BYTES = 67_108_864

/** The record of a family, as the registry gave it. Throws CheckFault, and LogError `malformed_record`. */
export function readRecord(file: string): FamilyRecord {
  return readFamilyRecord(readJson(file))
}

/** The head in a record that was kept, or a head that was kept by itself. Throws as `readRecord`. */
export function readEarlierHead(file: string): string {
  const text = readText(file)
  return text.trimStart().startsWith('{') ? readKept(file).log.checkpoint : text
}

/** A record of an earlier time is not checked again: only its head is asked for, whatever else such a record held then. */
function readKept(file: string): Pick<LogRecord, 'log'> {
  return readLogRecord({ ...(readJson(file) as { [name: string]: JsonValue }), events: [] })
}

/** The certificate authority of a federation, out of its public file. Throws CheckFault. */
export function readAuthority(file: string): X509Certificate {
  try {
    return new X509Certificate((readJson(file) as { ca: string }).ca)
  } catch (cause) {
    if (cause instanceof CheckFault) throw cause
    throw new CheckFault(UNREADABLE, `${file} is not the public file of a federation`, cause)
  }
}

function readJson(file: string): JsonValue {
  const text = readText(file)
  try {
    return parseJson(text, { maxBytes: MAX_RECORD_BYTES })
  } catch (cause) {
    throw new CheckFault(UNREADABLE, `${file} is not JSON`, cause)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CheckFault(UNREADABLE, `${file} cannot be read`, cause)
  }
}
