import { once } from 'node:events'
import { createServer } from 'node:net'
import { StartRefused } from './settings.ts'

const places = [
  'api',
  'whatsapp',
  'mail',
  'issuer',
  'dataApi',
  'aws',
  'kms',
  'secretsManager',
  'postgres',
] as const

export type Ports = Readonly<Record<(typeof places)[number], number>>

/** A block of ports from `first` on, one for each part; 0 leaves each to the system. */
export function portBlock(first: number): Ports {
  const entries = places.map((name, index) => [name, first === 0 ? 0 : first + index])
  return Object.fromEntries(entries) as Ports
}

/** Throws StartRefused when nothing can listen on this port of 127.0.0.1; 0 always can. */
export async function mustBeFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartRefused(
      code === 'EADDRINUSE'
        ? `Port ${port} is taken: stop what listens there, or choose other ports with --port.`
        : `Port ${port} cannot be used (${code}): choose other ports with --port.`,
    )
  }
  server.close()
  await once(server, 'close')
}
