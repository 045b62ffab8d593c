export { assertOperator, unauthorized } from './assert-operator.ts'
export { registerHealthRoute } from './health.route.ts'
export { type Node, type NodeKind, openNode, SYSTEM, type World } from './open-node.ts'
export {
  type Environment,
  type MemberConfig,
  type NodeConfig,
  readMemberConfig,
  readNodeConfig,
  readPort,
} from './read-node-config.ts'
export { runNode } from './run-node.ts'
