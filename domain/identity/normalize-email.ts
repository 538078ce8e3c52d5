import { decodePunycode } from './punycode.ts';

const ENCODED = 'xn--';

/**
 * The domain of an address in the form that people read: labels in Punycode (RFC 5891's A-labels) as their text. One
 * that stands for nothing a browser would register (upper case, not composed, plain ASCII) is left as it is.
 */
export function readableDomain(domain: string): string {
  if (!domain.includes(ENCODED)) return domain;
  return domain.split('.').map(readableLabel).join('.');
}

function readableLabel(label: string): string {
  if (!label.startsWith(ENCODED)) return label;
  const text = decodePunycode(label.slice(ENCODED.length));
  if (text === undefined || !/^[\p{L}\p{M}\p{N}-]+$/u.test(text) || /^[\0-\x7f]*$/.test(text)) return label;
  return text.normalize('NFKC').toLowerCase().normalize('NFC') === text ? text : label;
}

/** Providers that deliver to one mailbox whatever dots the name has. */
const WITHOUT_DOTS = new Set(['gmail.com', 'googlemail.com']);
/** Providers that deliver to the mailbox before a plus sign, and domains that are another name of one of theirs. */
const WITH_TAGS = new Set([
  ...['gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'msn.com'],
  ...[
    'icloud.com',
    'me.com',
    'mac.com',
    'fastmail.com',
    'fastmail.fm',
    'proton.me',
    'protonmail.com',
    'pm.me',
  ],
]);
const SAME_DOMAIN: Readonly<Record<string, string>> = {
  'googlemail.com': 'gmail.com',
  'me.com': 'icloud.com',
  'mac.com': 'icloud.com',
  'protonmail.com': 'proton.me',
  'pm.me': 'proton.me',
};

/**
 * The mailbox that a normalized address is delivered to, by its provider's own rules for dots, plus tags and other names
 * of its domain; undefined where no rule is known. Idempotent.
 */
export function mailboxOf(email: string): string | undefined {
  const at = email.lastIndexOf('@');
  const domain = email.slice(at + 1);
  if (!WITH_TAGS.has(domain)) return undefined;
  const [name = ''] = email.slice(0, at).split('+');
  const local = WITHOUT_DOTS.has(domain) ? name.replaceAll('.', '') : name;
  if (local === '') return undefined;
  return `${local}@${Object.hasOwn(SAME_DOMAIN, domain) ? SAME_DOMAIN[domain] : domain}`;
}
