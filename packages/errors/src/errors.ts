export { notFound } from './not-found.ts'
export { Problem, type ProblemOptions } from './problem.ts'
export { ProtocolError, type RefusalOptions } from './protocol-error.ts'
