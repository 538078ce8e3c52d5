const CODES = '01230120022455012623010202';

/**
 * American Soundex (US National Archives): the first letter and three digits; h and w do not part equal codes. The name
 * itself, shortened, where it does not begin with a Latin letter.
 */
export function soundex(name: string): string {
  const first = name.charCodeAt(0) - 97;
  if (!(first >= 0 && first < 26)) return name.slice(0, 4);
  let code = name.charAt(0);
  let last = CODES.charAt(first);
  for (let at = 1; at < name.length && code.length < 4; at += 1) {
    const letter = name.charCodeAt(at) - 97;
    if (!(letter >= 0 && letter < 26)) continue;
    const digit = CODES.charAt(letter);
    if (digit !== '0' && digit !== last) code += digit;
    if (letter !== 7 && letter !== 22) last = digit;
  }
  return code.padEnd(4, '0');
}
