import { randomBytes } from 'node:crypto'
import type { Connection, Connections, Login } from './connections.ts'
import { DataApiError, databaseErrorOf, errorOfStatement } from './errors.ts'
import type { Target } from './request.ts'
import { settled } from './statements.ts'

interface OpenTransaction {
  readonly connection: Connection
  readonly secretArn: string
  readonly database: string | undefined
  readonly startedAt: number
  isRunning: boolean
  idleTimer: NodeJS.Timeout | undefined
}

export interface TransactionLimits {
  readonly transactionIdleTimeoutSeconds: number
  readonly transactionLifetimeSeconds: number
}

const transactionIdBytes = 138

/** The transactions of one endpoint; an idle one is rolled back after its timeout. */
export class Transactions {
  readonly #connections: Connections
  readonly #limits: TransactionLimits
  readonly #open = new Map<string, OpenTransaction>()

  constructor(connections: Connections, limits: TransactionLimits) {
    this.#connections = connections
    this.#limits = limits
  }

  /** @returns the transaction id. */
  async begin(login: Login, secretArn: string): Promise<string> {
    const connection = await this.#connections.acquire(login)
    await connection.client.query('begin').catch((error: unknown) => {
      connection.destroy()
      throw errorOfStatement(error)
    })
    const transactionId = randomBytes(transactionIdBytes).toString('base64')
    const { database } = login
    const state = { startedAt: Date.now(), isRunning: false, idleTimer: undefined }
    const transaction = { connection, secretArn, database, ...state }
    this.#open.set(transactionId, transaction)
    this.#waitForNext(transactionId, transaction)
    return transactionId
  }

  /**
   * Runs one statement of a transaction.
   * @throws TransactionNotFoundException, or DatabaseErrorException while another one runs.
   */
  async use<T>(
    transactionId: string,
    target: Target,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const transaction = this.#find(transactionId, target)
    transaction.isRunning = true
    clearTimeout(transaction.idleTimer)
    try {
      return await work(transaction.connection)
    } finally {
      transaction.isRunning = false
      if (isAlive(transaction)) this.#waitForNext(transactionId, transaction)
      else this.#drop(transactionId)
    }
  }

  /** @throws DatabaseErrorException when the transaction had failed; it is rolled back then. */
  async commit(transactionId: string, target: Target): Promise<void> {
    await this.#end('commit', transactionId, target)
  }

  async rollback(transactionId: string, target: Target): Promise<void> {
    await this.#end('rollback', transactionId, target)
  }

  /** Ends all of them, also in the middle of a statement. */
  close(): void {
    for (const [transactionId, { connection }] of this.#open) {
      connection.destroy()
      this.#drop(transactionId)
    }
  }

  async #end(verb: 'commit' | 'rollback', transactionId: string, target: Target): Promise<void> {
    await this.use(transactionId, target, async (connection) => {
      // PostgreSQL answers COMMIT of a failed transaction with a silent ROLLBACK.
      const hasFailed = connection.client.getTransactionStatus() === 'E'
      await settled(connection, (client) => client.query(verb)).catch((error: unknown) => {
        throw errorOfStatement(error)
      })
      if (hasFailed && verb === 'commit') {
        throw databaseErrorOf('current transaction is aborted and was rolled back', '25P02')
      }
    })
  }

  #find(transactionId: string, target: Target): OpenTransaction {
    const transaction = this.#open.get(transactionId)
    if (transaction === undefined) throw notFound(transactionId)
    checkOwner(transaction, target)
    if (transaction.isRunning) {
      throw new DataApiError('DatabaseErrorException', 'Transaction is still running a query')
    }
    if (isOverdue(transaction, this.#limits)) {
      this.#drop(transactionId)
      throw notFound(transactionId)
    }
    return transaction
  }

  #drop(transactionId: string): void {
    const transaction = this.#open.get(transactionId)
    this.#open.delete(transactionId)
    clearTimeout(transaction?.idleTimer)
    transaction?.connection.release()
  }

  #waitForNext(transactionId: string, transaction: OpenTransaction): void {
    const timeoutMs = this.#limits.transactionIdleTimeoutSeconds * 1000
    transaction.idleTimer = setTimeout(() => this.#drop(transactionId), timeoutMs)
    transaction.idleTimer.unref()
  }
}

/** False after COMMIT or ROLLBACK, written in SQL or not, and when the session broke. */
function isAlive({ connection }: OpenTransaction): boolean {
  return !connection.isOver() && connection.client.getTransactionStatus() !== 'I'
}

function isOverdue({ connection, startedAt }: OpenTransaction, limits: TransactionLimits): boolean {
  const lifetimeMs = limits.transactionLifetimeSeconds * 1000
  return connection.isOver() || Date.now() - startedAt > lifetimeMs
}

function checkOwner(transaction: OpenTransaction, target: Target): void {
  if (target.secretArn !== transaction.secretArn) {
    throw new DataApiError(
      'BadRequestException',
      'The secret is not the one the transaction was begun with',
    )
  }
  if (target.database != null && target.database !== transaction.database) {
    throw new DataApiError(
      'BadRequestException',
      'Database name is not the same as transaction database',
    )
  }
}

function notFound(transactionId: string): DataApiError {
  return new DataApiError(
    'TransactionNotFoundException',
    `Transaction ${transactionId} is not found`,
  )
}
