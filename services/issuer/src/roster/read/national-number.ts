const NINE_DIGITS = /(?<![0-9])[0-9](?:[ .-]?[0-9]){8}(?![0-9])/g

/**
 * True when the text holds what looks like a burgerservicenummer or an onderwijsnummer: nine digits, perhaps with separators,
 * that pass the elfproef (weights 9 to 2 and -1, sum divisible by eleven; an onderwijsnummer begins with 10 and leaves five).
 * Dutch law (UAVG article 46) lets schools use these numbers only where a law says so, and no credential is such a place.
 */
export function holdsNationalNumber(text: string): boolean {
  if (text.length < 9) return false
  // Digits of another script or width are digits to whoever reads a name.
  return (text.normalize('NFKC').match(NINE_DIGITS) ?? []).some((run) => isNationalNumber(run.replace(/[ .-]/g, '')))
}

function isNationalNumber(digits: string): boolean {
  if (digits === '000000000') return false
  const weighted = [...digits].reduce((sum, digit, place) => sum + Number(digit) * (place === 8 ? -1 : 9 - place), 0)
  const remainder = ((weighted % 11) + 11) % 11
  return remainder === 0 || (remainder === 5 && digits.startsWith('10'))
}
