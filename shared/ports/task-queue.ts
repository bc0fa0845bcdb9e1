export type TaskType =
  | 'MESSAGE_SEND'
  | 'MESSAGE_STATUS_CHECK'
  | 'READ_RECEIPT'
  | 'MEDIA_FETCH'
  | 'TEMPLATE_SYNC'
  | 'EVENT_DELIVERY'
  | 'PERSON_EXPORT'
  | 'PERSON_ERASURE'
  | 'CHAT_CLEANUP'
  | 'RESEAL'
  | 'DUNNING_STEP'

/** Tells a processor that a task is due; the task itself is a row in the database. */
export interface Wake {
  readonly type: TaskType
  readonly tenantId: string
  readonly taskId: string
  /** 0 to 900. */
  readonly inSeconds: number
}

/** The wake-ups. They may be lost without harm: the relay is the net. */
export interface TaskQueue {
  /** Never throws; answers how many could not be put on the queue. */
  wake(wakes: readonly Wake[]): Promise<{ readonly failed: number }>
}
