/** The one door to the certificate library: what it needs of its surroundings is loaded before it. */
import './reflect-metadata.ts'

export * from '@peculiar/x509'
