/** Secrets by name, kept for 5 minutes. */
export interface SecretStore {
  /** `fresh` reads again, for a token that was just refused. Throws when there is none. */
  read(name: string, options?: { readonly fresh?: boolean }): Promise<string>
}
