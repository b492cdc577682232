// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QWidget>

namespace weir::gui {

/// How much of a quota is used, by its level's colour, and behind it in light where it is heading.
void paintQuotaBar(QPainter &painter, const QRectF &bar, const dbus::QuotaState &quota, bool stale);

/// The colour of a quota's level.
QColor quotaColour(const dbus::QuotaState &quota);

/// Such a bar by itself. What it says stands beside it in words, so screen readers skip it.
class QuotaBar : public QWidget
{
    Q_OBJECT
public:
    explicit QuotaBar(QWidget *parent = nullptr);
    void setQuota(const dbus::QuotaState &quota);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    dbus::QuotaState m_quota;
};

} // namespace weir::gui
