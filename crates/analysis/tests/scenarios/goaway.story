# in two steps: what is open is finished, what crossed is refused
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/1
0.020 U> h2 GOAWAY 2147483647 0
0.030 C> h2 HEADERS 3 END :method=GET :scheme=https :authority=h :path=/3
0.040 U> h2 GOAWAY 1 0 "max_age"
0.050 C> h2 HEADERS 5 END :method=GET :scheme=https :authority=h :path=/5
0.060 U> h2 HEADERS 1 END :status=200
0.070 U> FIN
0.080 C> FIN
= {"kind":"event","request":{"stream_id":3},"flags":["goaway_refused"],"error":"refused by GOAWAY NO_ERROR(0) last=1 'max_age' by upstream","ts_end":1700000000.04}
= {"kind":"event","request":{"stream_id":5},"flags":["goaway_refused"],"error":"refused by GOAWAY NO_ERROR(0) last=1 'max_age' by upstream","ts_end":1700000000.05}
= {"kind":"event","request":{"stream_id":1},"flags":[],"error":null}
= {"kind":"conn","close_reason":"completed","closed_by":"upstream","flags":["client_fin","upstream_fin","goaway_out"]}
---
# then FIN with open streams
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/1
0.020 U> h2 GOAWAY 1 0 "max_age"
0.030 U> FIN
0.040 C> FIN
= {"kind":"event","flags":["cut"],"error":"upstream_fin before the response, after GOAWAY NO_ERROR(0) last=1 'max_age' by upstream"}
= {"kind":"conn","close_reason":"upstream_fin"}
---
# too many pings
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/1
0.020 U> h2 GOAWAY 1 11 "too_many_pings"
0.030 U> FIN
0.040 C> FIN
= {"kind":"h2ctl","h2_event":"GOAWAY","direction":"upstream","details":{"error_name":"ENHANCE_YOUR_CALM","debug_data":"too_many_pings"}}
= {"kind":"event","error":"upstream_fin before the response, after GOAWAY ENHANCE_YOUR_CALM(11) last=1 'too_many_pings' by upstream"}
= {"kind":"conn","close_reason":"upstream_fin","detail":"1 exchange was in flight; GOAWAY ENHANCE_YOUR_CALM(11) last=1 'too_many_pings' by upstream"}
---
# the client complains of the upstream
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/1
0.020 C> h2 GOAWAY 0 6 ""
0.030 C> FIN
0.040 U> FIN
= {"kind":"event","flags":["cut"]}
= {"kind":"conn","close_reason":"upstream_protocol_error","closed_by":"client","flags":["client_fin","upstream_fin","goaway_in"]}
---
# a refused upload that goes on is refused once
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 U> h2 GOAWAY 0 0
0.020 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/1
0.030 C> h2 DATA 1 "abc"
0.040 U> FIN
0.050 C> FIN
= {"kind":"event","flags":["goaway_refused"],"bytes_in":3,"error":"refused by GOAWAY NO_ERROR(0) last=0 by upstream"}
= {"kind":"conn","close_reason":"completed"}
