/** What was started, to be stopped in the opposite order. */
export class Closing {
  readonly #steps: (() => Promise<unknown>)[] = []
  #closed: Promise<void> | undefined

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step)
  }

  /** Stops everything once; a step that fails does not keep the others from stopping. */
  close(): Promise<void> {
    this.#closed ??= this.#run()
    return this.#closed
  }

  async #run(): Promise<void> {
    for (const step of this.#steps.toReversed()) await step().catch(() => undefined)
  }
}
