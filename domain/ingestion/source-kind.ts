/** What kind of system a source is. */
export type SourceKind = 'web' | 'pos' | 'crm' | 'contact-center' | 'email' | 'social';
