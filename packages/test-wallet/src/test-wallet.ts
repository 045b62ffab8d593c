export type { HeldCredential } from './held-credential.ts'
export type { RedeemOptions } from './redeem-offer.ts'
export type { RespondOptions, Tampering, WalletAnswer } from './respond.ts'
export { createWallet, type Wallet, type WalletOptions } from './wallet.ts'
