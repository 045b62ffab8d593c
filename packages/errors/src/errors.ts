export { Problem, type ProblemOptions } from './problem.ts'
export { ProtocolError, type RefusalOptions } from './protocol-error.ts'
