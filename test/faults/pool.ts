import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Done, Job } from './jobs.ts'

/** Does all jobs on so many threads; tells each result as it comes. */
export async function workAll(
  jobs: readonly Job[],
  threads: number,
  onDone: (done: Done) => void,
): Promise<void> {
  const waiting = [...jobs]
  const lanes = Array.from({ length: Math.min(threads, jobs.length) }, async () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url))
    try {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        worker.postMessage(job)
        const [done] = (await once(worker, 'message')) as [Done]
        onDone(done)
      }
    } finally {
      await worker.terminate()
    }
  })
  await Promise.all(lanes)
}
