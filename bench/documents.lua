-- Requests for wrk: documents about places, one after the other. Arguments: what the paths begin
-- with, how many places there are, the media type to accept.
local prefix, places, accept, count = "", 0, "", 0
-- Requests that were made already, so that making them takes nothing of the machine's time.
local made = {}

function init(arguments)
  prefix, places, accept = arguments[1], tonumber(arguments[2]), arguments[3]
  -- Other rounds ask for other things, so that nothing kept can answer them.
  count = os.time() % 100000 * 1000
end

function request()
  count = count + 1
  local place = count * 7919 % places
  local found = made[place]
  if found == nil then
    found = wrk.format("GET", prefix .. place, { ["Accept"] = accept })
    made[place] = found
  end
  return found
end
