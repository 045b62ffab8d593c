export { ensureDatabases, type WantedDatabase } from './ensure-databases.ts'
export { type DevPostgres, startDevPostgres } from './start-dev-postgres.ts'
export { servesFolder as isRunningProcess, stopStrayServer } from './stop-stray-server.ts'
