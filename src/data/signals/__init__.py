"""Series and sound: windows (channels, length).

series.py           Series, the data module; measurements.py reads a file, by_time.py parts it, made_up.py makes some
audio.py            Audio, the data module; recordings.py reads files, sound_folder.py parts them, tones.py makes some
log_mel.py          sound as pictures of its pitches
"""
