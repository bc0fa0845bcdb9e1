import * as http from 'node:http'
import * as https from 'node:https'
import { text } from 'node:stream/consumers'

export type PostResult = { readonly httpStatus: number } | { readonly failure: string }

interface Post {
  readonly url: string
  readonly body: Buffer
  /** Value of `X-Hub-Signature-256`; undefined leaves the header out. */
  readonly signature: string | undefined
  readonly timeoutMs: number
}

/** Calls the webhook address over kept-alive connections. Never throws for what the other end does. */
export class WebhookClient {
  readonly #http = new http.Agent({ keepAlive: true, maxFreeSockets: 256 })
  readonly #https = new https.Agent({ keepAlive: true, maxFreeSockets: 256 })

  async post({ url, body, signature, timeoutMs }: Post): Promise<PostResult> {
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      'user-agent': 'facebookexternalua',
      ...(signature === undefined ? {} : { 'x-hub-signature-256': signature }),
    }
    const answer = await this.#call(url, { method: 'POST', headers, timeout: timeoutMs }, body)
    return 'failure' in answer ? answer : { httpStatus: answer.httpStatus }
  }

  get(
    url: string,
    timeoutMs: number,
  ): Promise<{ httpStatus: number; body: string } | { failure: string }> {
    return this.#call(url, { method: 'GET', timeout: timeoutMs })
  }

  /** Cuts every connection, also those in use. */
  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }

  #call(
    url: string,
    options: http.RequestOptions,
    body?: Buffer,
  ): Promise<{ httpStatus: number; body: string } | { failure: string }> {
    return new Promise((resolve) => {
      const fail = (error: unknown) => resolve({ failure: failureName(error) })
      try {
        const secure = url.startsWith('https:')
        const open = secure ? https.request : http.request
        const agent = secure ? this.#https : this.#http
        const request = open(url, { ...options, agent }, (response) => {
          text(response).then((read) => {
            resolve({ httpStatus: response.statusCode ?? 0, body: read })
          }, fail)
        })
        request.on('timeout', () => request.destroy(new Error('timeout')))
        request.on('error', fail)
        request.end(body)
      } catch (error) {
        fail(error)
      }
    })
  }
}

function failureName(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return code ?? message ?? 'unknown'
}
