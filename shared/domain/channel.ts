/** What a person sees. Who carries it is the provider: `whatsapp-cloud`, `ses`. */
export type Channel = 'WHATSAPP' | 'EMAIL'
