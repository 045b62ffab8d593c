export { AGREEMENT_MESSAGE, type Agreement, readAgreement } from './agreement.ts'
export {
  CONSENT_REQUEST_MESSAGE,
  type ConsentRequest,
  type OpenedRequest,
  readConsentRequest,
  readOpenedRequest,
} from './consent-request.ts'
export { VCT_GUARDIANSHIP, VCT_PUPIL } from './credential-types.ts'
export { type Decision, type DecisionWord, decisionNonce } from './decision.ts'
export { type DecisionEvidence, evidenceHash } from './decision-evidence.ts'
export { DELETION_DAYS } from './deletion-period.ts'
export { DELETION_RECEIPT_MESSAGE, type Deletion, readDeletion } from './deletion-receipt.ts'
export { FACTS, type Fact, type FactName, isFactName } from './facts.ts'
export { type MessageOutcome, messageOutcome } from './message-outcome.ts'
export { type MessageType, signNodeMessage, type VerifiedMessage, verifyNodeMessage } from './node-message.ts'
export { ownEndpoint } from './own-endpoint.ts'
export { pairwisePseudonym } from './pairwise-pseudonym.ts'
export { type PublishedPurpose, readPublishedPurpose } from './published-purpose.ts'
export { PURPOSE_MESSAGE, type Purpose, purposeHash, readPurpose } from './purpose.ts'
export { purposeUri, splitPurposeUri } from './purpose-uri.ts'
export { bindPseudonym, RECEIPT_MESSAGE, type Receipt, readReceipt, receiptExpiry } from './receipt.ts'
export { MARK_APP_VENDOR, MARK_CONSENT_REGISTRY, MARK_SCHOOL } from './trust-marks.ts'
export { withoutHidden } from './wire-text.ts'
export { readWithdrawal, WITHDRAWAL_MESSAGE, type Withdrawal, withdrawalEvents } from './withdrawal-notice.ts'
