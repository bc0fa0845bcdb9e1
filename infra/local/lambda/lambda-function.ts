/** A function as the pool runs it; the environment is resolved. */
export interface LambdaFunction {
  readonly name: string
  /** Absolute folder of the bundle. */
  readonly codeDirectory: string
  /** `file.export`, such as `index.handler`. */
  readonly handler: string
  readonly timeoutSeconds: number
  /** Limit of the JavaScript heap; memory outside of it (buffers) is not counted. */
  readonly memoryMb: number
  readonly environment: Readonly<Record<string, string>>
}

export interface Place {
  readonly region: string
  readonly accountId: string
}

export function functionArn(name: string, { region, accountId }: Place): string {
  return `arn:aws:lambda:${region}:${accountId}:function:${name}`
}
