# an operator stops everything before maintenance
sleep 5
systemctl stop reports.service
systemctl stop chat.service
systemctl stop recorder.service
systemctl stop kiosk.service
