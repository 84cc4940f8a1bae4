"""Devices that several people use: what is done on one belongs to whoever was logged in then (M22).

A login is a message that carries a device and is filed under a person's identifier. A message that
carries a device alone belongs to the last login before it, or to the first one after it if there is
none. As long as everybody who logged in is one person with the device, that is who the device
belongs to, and nothing has to be done. A device is *shared* once a login's link to it is refused;
then such messages are filed under the identifier that logged in, and go wherever that one goes.
"""
