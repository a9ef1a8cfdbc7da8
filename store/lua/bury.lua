-- Moves a frame to the dead letters, and takes its declarations off the count.
-- KEYS: stream, index, dead letters, counter. ARGV: group, frame id, frame, reason.
redis.call('XADD', KEYS[3], '*', 'frame', ARGV[3], 'id', ARGV[2], 'reason', ARGV[4])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
local entry = redis.call('HGET', KEYS[2], ARGV[2])
if entry then
  redis.call('DECRBY', KEYS[4], (struct.unpack('>I4', entry)))
  redis.call('HDEL', KEYS[2], ARGV[2])
end
return 1
