import pg from 'pg'

/** Error names of the service with the HTTP status each is answered with. */
const statusByName = {
  BadRequestException: 400,
  DatabaseErrorException: 400,
  DatabaseResumingException: 400,
  DatabaseUnavailableException: 504,
  HttpEndpointNotEnabledException: 400,
  InternalServerErrorException: 500,
  InvalidSecretException: 400,
  RequestEntityTooLargeException: 413,
  SerializationException: 400,
  ServiceUnavailableError: 503,
  StatementTimeoutException: 400,
  ThrottlingException: 400,
  TransactionNotFoundException: 404,
  UnknownOperationException: 404,
  UnsupportedResultException: 400,
  ValidationException: 400,
} as const

export type DataApiErrorName = keyof typeof statusByName

/** What a call is answered with instead of a result. */
export class DataApiError extends Error {
  override readonly name: DataApiErrorName
  readonly status: number
  /** Backend that ran the statement; only timeouts tell it. */
  readonly dbConnectionId: number | undefined

  constructor(name: DataApiErrorName, message: string, dbConnectionId?: number) {
    super(message)
    this.name = name
    this.status = statusByName[name]
    this.dbConnectionId = dbConnectionId
  }
}

const rejectedLogin = new Set(['28000', '28P01'])
const multipleCommands = 'cannot insert multiple commands into a prepared statement'

/** The error of a statement: PostgreSQL's own, or the loss of the connection that ran it. */
export function errorOfStatement(error: unknown): DataApiError {
  if (error instanceof DataApiError) return error
  if (!(error instanceof pg.DatabaseError)) {
    return new DataApiError('InternalServerErrorException', 'The connection was lost')
  }
  if (isConnectionLoss(error))
    return new DataApiError('InternalServerErrorException', error.message)
  // Only PostgreSQL can tell `;` inside BEGIN ATOMIC bodies from `;` between statements.
  if (error.message === multipleCommands) return multistatements()
  return databaseError(error)
}

/** The error of opening a connection; nothing was executed. */
export function errorOfConnecting(error: unknown): DataApiError {
  if (error instanceof DataApiError) return error
  if (!(error instanceof pg.DatabaseError)) {
    // pg-pool's own words when every connection stayed busy for too long.
    const isPoolFull = error instanceof Error && error.message.startsWith('timeout exceeded')
    return isPoolFull
      ? new DataApiError('ServiceUnavailableError', 'Too many connections are in use')
      : new DataApiError('DatabaseUnavailableException', 'The database does not answer')
  }
  if (isConnectionLoss(error))
    return new DataApiError('DatabaseUnavailableException', error.message)
  if (rejectedLogin.has(error.code ?? '')) {
    return new DataApiError('InvalidSecretException', error.message)
  }
  return databaseError(error)
}

export function multistatements(): DataApiError {
  return new DataApiError('ValidationException', "Multistatements aren't supported.")
}

export function invalid(message: string): DataApiError {
  return new DataApiError('ValidationException', message)
}

/** A database error in PostgreSQL's words, for what never reaches it. */
export function databaseErrorOf(message: string, sqlState: string): DataApiError {
  return new DataApiError('DatabaseErrorException', `ERROR: ${message}; SQLState: ${sqlState}`)
}

function isConnectionLoss(error: pg.DatabaseError): boolean {
  return /^(?:08|57P0[1-5])/.test(error.code ?? '')
}

/**
 * `ERROR: …; Hint: …; Position: 54; SQLState: 42883` as clusters write it today
 * (drizzle-orm #2583, aurora-data-api #53), with the Detail that older ones added
 * (sqlalchemy-aurora-data-api #46): it quotes values, so callers must cope with it.
 */
function databaseError(error: pg.DatabaseError): DataApiError {
  const parts = [
    error.detail === undefined
      ? `ERROR: ${error.message}`
      : `ERROR: ${error.message}\n  Detail: ${error.detail}`,
  ]
  if (error.hint !== undefined) parts.push(`Hint: ${error.hint}`)
  if (error.position !== undefined) parts.push(`Position: ${error.position}`)
  parts.push(`SQLState: ${error.code ?? 'XX000'}`)
  return new DataApiError('DatabaseErrorException', parts.join('; '))
}
