import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { portBlock } from '#infra/local/ports.ts'

/**
 * The first port of a block that is free, below the ports that the system hands out, where a
 * neighbour may be taken at any moment.
 */
export async function freeBlock(): Promise<number> {
  for (let first = 20_000 + (process.pid % 1000) * 10; ; first += 10) {
    const ports = Object.values(portBlock(first))
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first
  }
}

/** Something that listens on this port. */
export async function listenOn(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function isFree(port: number): Promise<boolean> {
  try {
    const server = await listenOn(port)
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false
  }
}
