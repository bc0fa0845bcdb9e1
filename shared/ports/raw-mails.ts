/** Mails as they came in, where SES puts them. */
export interface RawMails {
  /** The only place that is read, whatever a notification names. */
  readonly bucket: string
  /** Undefined for one of more than `maxBytes`, which is not read. Throws when there is none. */
  read(objectKey: string, maxBytes: number): Promise<Uint8Array | undefined>
}
