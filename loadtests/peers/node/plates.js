// Plate keys as OpenRTPD makes them: capitals, no separators, look-alikes in Latin, no marks.
import { createHash } from 'node:crypto'
import { codes } from './codes.js'

const LATIN = new Map(Object.entries({ ...codes.look_alikes, ...codes.folded }))
const SEPARATORS = new Set(codes.separators)
const GONE = /[\p{M}\p{Z}\p{C}\p{Pd}\p{Pc}]/u
const MOST = 32768
const keys = new Map()
const fleets = new Map()

export function plateKey (text) {
  let key = keys.get(text)
  if (key === undefined) {
    if (keys.size >= MOST) keys.clear()
    key = readKey(text)
    keys.set(text, key)
  }
  return key
}

function readKey (text) {
  const display = text.trim()
  if (/^[A-Za-z0-9]+$/.test(display)) return display.toUpperCase()
  let key = fold(text)
  for (let again; (again = fold(key)) !== key;) key = again
  return key
}

function fold (text) {
  let folded = ''
  for (const letter of text.normalize('NFKC').toUpperCase().normalize('NFKD')) {
    if (!GONE.test(letter) && !SEPARATORS.has(letter)) folded += LATIN.get(letter) ?? letter
  }
  return folded
}

// The plates of a declaration, sorted, under the hash of their set; remembered by the lists as they came.
export function fleetOf (plates, light, heavy) {
  const read = JSON.stringify([plates, light, heavy])
  let fleet = fleets.get(read)
  if (fleet === undefined) {
    if (fleets.size >= MOST) fleets.clear()
    fleet = readFleet(plates, light, heavy)
    fleets.set(read, fleet)
  }
  return fleet
}

function readFleet (plates, light, heavy) {
  const weights = new Map()
  for (const [weight, listed] of [['', plates], ['LIGHT', light], ['HEAVY', heavy]]) {
    for (const text of listed) {
      const place = `${plateKey(text)}\x1f${text.trim()}`
      weights.set(place, weight || weights.get(place) || '')
    }
  }
  if (weights.size === 0) return null
  const triples = [...weights].map(([place, weight]) => `${place}\x1f${weight}`).sort()
  const id = createHash('sha256').update(triples.join('\x1e')).digest('hex').slice(0, 32)
  const columns = [[], [], []]
  for (const triple of triples) triple.split('\x1f').forEach((part, at) => columns[at].push(part))
  return { id, plateKeys: columns[0], plates: columns[1], weights: columns[2] }
}
