import type { AddressInfo } from 'node:net'
import { buildApp } from 'fauxqs'
import { completeObjects } from './objects.ts'

export interface LocalAws {
  readonly url: string
  close(): Promise<void>
}

/**
 * SQS, SNS and S3 in one process, in memory. `startFauxqs` would listen on every interface, so
 * its app is bound here. Its own persistence loses messages and is not used.
 */
export async function startAws(port: number, region: string): Promise<LocalAws> {
  const app = buildApp({ logger: false, defaultRegion: region })
  completeObjects(app)
  await app.listen({ port, host: '127.0.0.1' })
  const address = app.server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      // Long polls would hold the close until they end.
      app.server.closeAllConnections()
      await app.close()
    },
  }
}
