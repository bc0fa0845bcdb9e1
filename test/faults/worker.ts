import { parentPort } from 'node:worker_threads'
import { type Job, work } from './jobs.ts'
import { buildMemorySystem } from './simulation/memory-system.ts'

/** A thread of the fast tier: does one job after another. */
parentPort?.on('message', async (job: Job) => {
  parentPort?.postMessage(await work(job, buildMemorySystem))
})
