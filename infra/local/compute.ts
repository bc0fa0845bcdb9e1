import { readFile } from 'node:fs/promises'
import { Closing } from './closing.ts'
import type { ComputePlan } from './compute-plan.ts'
import { startPool, startTriggers } from './lambdas.ts'
import { sqsClient } from './resources.ts'

/**
 * Compute alone, in a process of its own: gateway, functions, pollers and clock of a plan, on
 * infrastructure that another process runs. `compute.ts PLAN PORT`: a ComputePlan as a JSON file,
 * and the gateway's port (0 takes a free one). Prints `ready URL`; SIGTERM stops it, and so does the
 * end of the parent's channel where it was given one.
 */
async function main([file, port]: readonly string[]): Promise<void> {
  if (file === undefined || port === undefined) throw new Error('usage: compute.ts PLAN PORT')
  const plan = JSON.parse(await readFile(file, 'utf8')) as ComputePlan
  const closing = new Closing()
  const client = sqsClient(plan.sqsUrl)
  closing.add(async () => client.destroy())
  const lambdas = {
    plan,
    log: ({ functionName, text }: { functionName: string; text: string }) =>
      console.error(`${functionName}: ${text.trimEnd()}`),
  }
  const pool = startPool(lambdas, closing)
  const { gateway } = await startTriggers({ ...lambdas, pool, client, port: Number(port) }, closing)
  const stop = () => void closing.close().then(() => process.exit(0))
  process.once('SIGTERM', stop)
  process.once('disconnect', stop)
  console.log(`ready ${gateway.url}`)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
