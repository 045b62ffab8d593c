import { countRows, describeGrowth, type RowCounts } from '../network/count-rows.ts'
import { SERVICES } from '../network/settings.ts'
import { askConsent } from './steps/ask-consent.ts'
import { enrolMembers } from './steps/enrol-members.ts'
import { handOutCredentials } from './steps/hand-out-credentials.ts'
import { loadRoster } from './steps/load-roster.ts'
import { lookBack } from './steps/look-back.ts'
import { overAsk } from './steps/over-ask.ts'
import { presentFacts } from './steps/present-facts.ts'
import { registerPurposes } from './steps/register-purposes.ts'
import { searchDumps } from './steps/search-dumps.ts'
import { withdrawConsent } from './steps/withdraw-consent.ts'
import type { Story } from './story.ts'

const STEPS: readonly { title: string; tell: (story: Story) => Promise<void> }[] = [
  { title: 'The federation: who is a member', tell: enrolMembers },
  { title: 'The school administration sends its roster', tell: loadRoster },
  { title: 'Two apps register a purpose, the school agrees', tell: registerPurposes },
  { title: 'Two parents fetch credentials with their wallets', tell: handOutCredentials },
  { title: 'The arithmetic app asks, both parents have to say yes', tell: askConsent },
  { title: 'The app gets two facts, another app gets nothing', tell: presentFacts },
  { title: 'The app asks one fact more than its purpose', tell: overAsk },
  { title: 'The second parent takes it back', tell: withdrawConsent },
  { title: 'The family looks back, without trusting the registry', tell: lookBack },
  { title: 'All four databases are searched for the children', tell: searchDumps },
]

export const STEP_COUNT = STEPS.length

/**
 * Tells the story from the first step to the last, and after each step how many rows it left where. Throws, naming the step, as soon as
 * something is not as it should be; stops between two steps when the signal says so.
 */
export async function tellStory(story: Story, signal: AbortSignal): Promise<void> {
  let before = await countAll(story)
  for (const [index, { title, tell }] of STEPS.entries()) {
    if (signal.aborted) return
    story.print.step(index + 1, title)
    try {
      await tell(story)
      const after = await countAll(story)
      printGrowth(story, before, after)
      before = after
    } catch (cause) {
      throw new Error(`step ${index + 1} (${title}) failed`, { cause })
    }
  }
}

/** Null where row-level security hides the rows from us: the databases were given with their own roles. */
async function countAll({ databases }: Story): Promise<RowCounts | null> {
  return databases.superuserUrls && countRows(databases.superuserUrls)
}

function printGrowth({ print }: Story, before: RowCounts | null, after: RowCounts | null): void {
  if (before === null || after === null) return
  for (const service of SERVICES) {
    const growth = describeGrowth(before, after, service)
    if (growth.length > 0) print.stored(service, growth.join(', '))
  }
}
