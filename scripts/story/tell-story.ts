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

/** Tells the story from the first step to the last. Throws, naming the step, as soon as something is not as it should be. */
export async function tellStory(story: Story): Promise<void> {
  for (const [index, { title, tell }] of STEPS.entries()) {
    story.print.step(index + 1, title)
    try {
      await tell(story)
    } catch (cause) {
      throw new Error(`step ${index + 1} (${title}) failed`, { cause })
    }
  }
}
