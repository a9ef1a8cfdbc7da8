// Plate keys as OpenRTPD makes them: capitals, no separators, look-alikes in Latin, no marks.
import { createHash } from 'node:crypto'
import { codes, shapes } from './codes.js'

const LATIN = new Map(Object.entries({ ...codes.look_alikes, ...codes.folded }))
const SEPARATORS = new Set(codes.separators)
const GONE = /[\p{M}\p{Z}\p{C}\p{Pd}\p{Pc}]/u
const [SHORTEST, LONGEST] = codes.plate_key_lengths
const SERIES = shapes(codes.series)
const BY_WISH = shapes(codes.by_wish)
const ANY_SERIES = new RegExp(`^(?:${Object.values(codes.series).map(shape => `(?:${shape})`).join('|')})$`)
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]/u
const OTHER_SCRIPT = /(?!\p{Script=Latin})\p{L}/u
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

// Reads and judges the plates of a declaration; operators name the same ones again and again, so it is remembered
// by the lists as they came. Gives the fleet (null without plates) and what was found.
export function readFleet (plates, light, heavy, transports, home) {
  const read = JSON.stringify([plates, light, heavy, transports, home])
  let known = fleets.get(read)
  if (known === undefined) {
    if (fleets.size >= MOST) fleets.clear()
    known = { fleet: fleetOf(plates, light, heavy), found: judgePlates(plates, light, heavy, transports, home) }
    fleets.set(read, known)
  }
  return known
}

function fleetOf (plates, light, heavy) {
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

function judgePlates (plain, light, heavy, transports, home) {
  const found = []
  const tell = (code, field) => found.push({ code, field })
  const passengers = transports.includes('CARRIAGE_OF_PASSENGERS')
  if (passengers && plain.length === 0) tell('plates_required', 'declarationVehiclePlateNumber')
  else if (plain.length + light.length + heavy.length === 0) tell('plates_missing', 'declarationVehiclePlateNumber')
  if (passengers && !transports.includes('CARRIAGE_OF_GOODS')) {
    if (light.length) tell('weight_not_for_passengers', 'declarationVehiclePlateNumberLight')
    if (heavy.length) tell('weight_not_for_passengers', 'declarationVehiclePlateNumberHeavy')
  }
  const places = new Set(light.map(plate => `${plateKey(plate)} ${plate.trim()}`))
  const seen = new Map()
  for (const listed of [plain, light, heavy]) {
    for (const plate of listed) {
      const key = plateKey(plate)
      const display = plate.trim()
      if (key.length < SHORTEST || key.length > LONGEST || CONTROL.test(plate)) tell('plate_unreadable', display)
      if (listed === heavy && places.has(`${key} ${display}`)) tell('plate_light_and_heavy', display)
      if (OTHER_SCRIPT.test(display)) tell('plate_not_latin', display)
      if (!isInASeries(key, home)) tell('plate_pattern', display)
      if (seen.has(key)) tell(seen.get(key) === display ? 'duplicate_plate' : 'plate_key_twice', display)
      else seen.set(key, display)
    }
  }
  return found
}

function isInASeries (key, home) {
  return !SERIES.has(home) || SERIES.get(home).test(key) || ANY_SERIES.test(key) || (BY_WISH.get(home)?.test(key) ?? false)
}
